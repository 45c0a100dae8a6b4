import { clearLine, cursorTo } from 'node:readline';
import { SingleBar } from 'cli-progress';
import type { Connections } from '../connect.ts';
import type { Log } from '../ops/log.ts';
import type { Running } from '../roles/start.ts';
import type { Status } from '../roles/status.ts';
import type { OnProgress } from '../sync/sync-type.ts';
import type { Changes } from './keep-changing.ts';
import { statusLine, type LiveFigures } from './status-line.ts';

interface Followed {
  running: Running;
  connections: Connections;
  changes: Changes;
}

/** What a person sees: a bar while the tenant loads, then one live line; without a terminal, log lines. */
export function createDisplay({ isTerminal, log }: { isTerminal: boolean; log: Log }) {
  const lines = isTerminal ? liveLines() : logLines(log);
  let timer: NodeJS.Timeout | undefined;
  return {
    onProgress: lines.progress,
    say: lines.say,
    /** Shows the figures from now on. */
    follow(followed: Followed) {
      lines.begin(followed);
      const show = async () => {
        const status = await followed.running.status().catch(() => undefined);
        if (status) lines.status(status, followed);
      };
      timer = setInterval(() => void show(), lines.everyMs);
    },
    close() {
      clearInterval(timer);
      lines.end();
    },
  };
}

interface Lines {
  everyMs: number;
  begin(followed: Followed): void;
  progress: OnProgress;
  status(status: Status, followed: Followed): void;
  say: (text: string) => void;
  end(): void;
}

function logLines(log: Log): Lines {
  return {
    everyMs: 10_000,
    begin: (followed) => log.info(addresses(followed), 'mirror at work'),
    progress: ({ type, stage, objects, edges }) => {
      log.info({ type, stage, objects, edges }, 'loading');
    },
    status: (status, followed) => log.info(figuresOf(status, followed), status.state),
    say: (text) => log.info(text),
    end: () => undefined,
  };
}

function liveLines(): Lines {
  const out = process.stdout;
  const bar = new SingleBar({
    format: 'loading [{bar}] {value}/{total} users and groups · {edges} memberships',
    hideCursor: true,
    clearOnComplete: true,
    stream: out,
  });
  const loaded = new Map<string, { objects: number; edges: number }>();
  const sum = (of: 'objects' | 'edges') =>
    [...loaded.values()].reduce((total, progress) => total + progress[of], 0);
  let isLive = false;
  return {
    everyMs: 1_000,
    begin(followed) {
      out.write(welcome(followed));
      const { users, groups } = followed.connections.local?.graph?.directory.snapshot() ?? none;
      bar.start(users.length + groups.length, sum('objects'), { edges: sum('edges') });
    },
    progress({ tenantId, type, objects, edges }) {
      loaded.set(`${tenantId}/${type}`, { objects, edges });
      if (bar.isActive) bar.update(sum('objects'), { edges: sum('edges') });
    },
    status(status, followed) {
      if (status.state !== 'live' && !isLive) return;
      if (bar.isActive) bar.stop();
      isLive = true;
      clearLine(out, 0);
      cursorTo(out, 0);
      out.write(statusLine(figuresOf(status, followed)).slice(0, out.columns - 1));
    },
    say: (text) => out.write(`\n${text}\n`),
    end() {
      if (bar.isActive) bar.stop();
    },
  };
}

const none = { users: [], groups: [] };

function figuresOf({ queue, tenants }: Status, { changes, connections }: Followed): LiveFigures {
  const { counts, lagMs } = connections.figures.snapshot();
  const ends = tenants.flatMap(({ subscriptions }) =>
    subscriptions.map(({ expiresAt }) => new Date(expiresAt).getTime()),
  );
  return {
    seen: changes.made,
    mirrored: (counts['outcome.applied'] ?? 0) + (counts['edges'] ?? 0),
    waiting: queue?.waiting ?? 0,
    lagMs,
    expiresInMs: ends.length > 0 ? Math.min(...ends) - Date.now() : null,
  };
}

function addresses({ running: { url }, connections: { local, config } }: Followed) {
  const mongodb = local?.mongo ? local.mongo.uri : 'as set by MONGODB_URI';
  return { url, mongodb, database: config.database, graph: local?.graph?.url };
}

function welcome(followed: Followed): string {
  const { url, mongodb, database, graph } = addresses(followed);
  return [
    'Entra Mirror',
    `  notifications  ${url}/notifications`,
    `  status         ${url}/status   (or: npx entra-mirror status)`,
    `  MongoDB        ${mongodb}, database ${database}`,
    `  Graph          ${graph ?? 'as set'}`,
    '  Look into it   mongosh, then: db.users.findOne({ displayName: /^A/ })',
    '  Ctrl-C stops it; started again, it goes on where it was.',
    '',
    '',
  ].join('\n');
}
