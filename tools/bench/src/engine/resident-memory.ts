import type { ServiceProcess } from '@mooring/services';

const LOOK_EVERY_MS = 200;
const MIB = 2 ** 20;

/** The value of a metric without labels of its own. */
export async function metric({ url }: Pick<ServiceProcess, 'url'>, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) || one.startsWith(`${name} `));
  return Number(line?.slice(line.lastIndexOf(' ') + 1));
}

/** Of the process, in MiB. */
export async function residentMib(service: Pick<ServiceProcess, 'url'>): Promise<number> {
  return (await metric(service, 'process_resident_memory_bytes')) / MIB;
}

/** The most that the process held while the work went on, in MiB. */
export async function residentDuring<T>(
  service: Pick<ServiceProcess, 'url'>,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly mostMib: number }> {
  let most = 0;
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      most = Math.max(most, await residentMib(service));
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const watching = watch();
  try {
    const result = await work();
    return { result, mostMib: Math.max(most, await residentMib(service)) };
  } finally {
    isOver = true;
    await watching;
  }
}
