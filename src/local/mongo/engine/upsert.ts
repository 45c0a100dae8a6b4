import { ObjectId } from 'bson';
import { isDoc, type Doc } from './document.ts';
import { Draft } from './draft.ts';
import { isOperators } from './match.ts';
import type { Update } from './update.ts';

/** What an upsert inserts: the filter's equalities, changed by the update, with an `_id`. */
export function upsertedDoc(filter: Doc, update: Update, replaces: boolean, now: Date): Doc {
  const base = new Draft({});
  setEqualities(base, filter, replaces);
  const { _id = new ObjectId(), ...fields } = update(base.doc, { inserting: true, now });
  return { _id, ...fields };
}

function setEqualities(base: Draft, filter: Doc, onlyId: boolean): void {
  for (const [name, condition] of Object.entries(filter)) {
    if (name === '$and' && Array.isArray(condition)) {
      for (const branch of condition) if (isDoc(branch)) setEqualities(base, branch, onlyId);
    }
    if (name.startsWith('$') || (onlyId && name !== '_id')) continue;
    const value = isOperators(condition) ? condition['$eq'] : condition;
    if (value !== undefined && !(value instanceof RegExp)) base.set(name.split('.'), value);
  }
}
