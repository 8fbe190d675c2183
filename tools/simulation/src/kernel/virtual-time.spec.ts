import { expect, it } from '@jest/globals';
import { seeded } from './seeded.ts';
import { VirtualTime } from './virtual-time.ts';

it('events come in the order of their time, and of their making', async () => {
  const time = new VirtualTime();
  const random = seeded(1);
  const seen: number[] = [];
  const planned = Array.from({ length: 500 }, () => Math.floor(random() * 50));
  for (const [n, at] of planned.entries()) time.at(at, () => void seen.push(at * 1000 + n));
  time.at(7, () => void seen.push(-1))();
  await time.run(time.sleep(60));
  expect(seen).toEqual(planned.map((at, n) => at * 1000 + n).sort((a, b) => a - b));
  expect(time.now).toBe(60);
});

it('what an event causes is over before the next', async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  time.at(1, () => void Promise.resolve().then(() => Promise.resolve().then(() => seen.push('caused'))));
  time.at(1, () => void seen.push('next'));
  await time.run(time.sleep(2));
  expect(seen).toEqual(['caused', 'next']);
});

it('a world in which nothing is left to happen fails', async () => {
  await expect(new VirtualTime().run(new Promise(() => undefined))).rejects.toThrow('the world stands still');
});

it('a world whose time does not go on fails', async () => {
  const time = new VirtualTime();
  const again = (): void => void time.at(0, again);
  again();
  await expect(time.run(new Promise(() => undefined))).rejects.toThrow('time stands still');
});
