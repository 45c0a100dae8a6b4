import { MongoNetworkError, type Collection, type Db, type Document } from 'mongodb';

type Call = (...args: never[]) => unknown;

/** A database whose collections answer these calls as told; everything else is the real one's. */
function withCalls(db: Db, calls: (collection: Collection) => Record<string, Call>): Db {
  return new Proxy(db, {
    get(target, name) {
      if (name !== 'collection') return bound(target, name);
      return (collectionName: string) => {
        const collection = target.collection(collectionName);
        const changed = calls(collection);
        return new Proxy(collection, {
          get: (real, call) => changed[String(call)] ?? bound(real, call),
        });
      };
    },
  });
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

/** The same database, where `sneak` runs once between the look at the documents and the write. */
export function withSneakingWrite(db: Db, sneak: () => Promise<unknown>): Db {
  let sneaked = false;
  return withCalls(db, (collection) => ({
    bulkWrite: async (...args: Parameters<Collection['bulkWrite']>) => {
      if (!sneaked) {
        sneaked = true;
        await sneak();
      }
      return collection.bulkWrite(...args);
    },
  }));
}

/** The same database for a writer that neither sees fences nor writes under their condition. */
export function withoutFence(db: Db): Db {
  return withCalls(db, (collection) => ({
    bulkWrite: (operations: { updateOne?: { filter: Document } }[], options: object) => {
      for (const { updateOne } of operations) delete updateOne?.filter['mirror.fence'];
      return collection.bulkWrite(operations as never, options);
    },
    find: (...args: Parameters<Collection['find']>) => collection.find(...args).map(unfenced),
  }));
}

const unfenced = (document: Document): Document => ({
  ...document,
  mirror: { ...(document['mirror'] as Document), fence: -1 },
});

/** The same database, where the first answer to each of these calls is lost after it has had its effect. */
export function withLostAnswers(db: Db, ...names: ('bulkWrite' | 'findOneAndUpdate')[]): Db {
  const left = new Set<string>(names);
  return withCalls(db, (collection) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        async (...args: never[]) => {
          const answer: unknown = await (collection[name] as Call).apply(collection, args);
          if (left.delete(name)) throw new MongoNetworkError('the answer is lost');
          return answer;
        },
      ]),
    ),
  );
}
