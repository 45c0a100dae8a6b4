import { register } from 'node:module';
import { breaks, type Break } from './breaks.ts';
import type * as scenes from './scenes.ts';

type Scenes = typeof scenes;

/** Plays each scene with the product as it is and with its rule broken; prints what the audits found, and is 1 where that is not as it has to be. */
export async function runBreaks(): Promise<0 | 1> {
  register(new URL('./hooks.js', import.meta.url), { data: breaks });
  let wrong = 0;
  for (const scene of new Set(Object.values(breaks).map((one) => one.scene))) {
    wrong += report(`${scene}, nothing broken`, await play(scene), (found) => found === 0);
  }
  for (const [name, { scene }] of Object.entries(breaks)) {
    wrong += report(`${scene}, ${name}`, await play(scene, name), (found) => found > 0);
  }
  return wrong === 0 ? 0 : 1;
}

async function play(scene: Break['scene'], broken?: string): Promise<number> {
  const query = broken === undefined ? '' : `?broken=${encodeURIComponent(broken)}`;
  const loaded = (await import(new URL(`./scenes.js${query}`, import.meta.url).href)) as Scenes;
  return loaded[scene]();
}

function report(what: string, found: number, isRight: (found: number) => boolean): 0 | 1 {
  const right = isRight(found);
  console.log(`${right ? 'as it has to be' : 'WRONG'}: ${what}: the audit finds ${found}`);
  return right ? 0 : 1;
}
