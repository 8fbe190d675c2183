import { setTimeout } from 'node:timers/promises';
import type { ServiceProcess } from '@mooring/services';
import { askPod } from './fleet.ts';
import type { Answer, Asked, Fleet } from './fleet.ts';

const LOOK_EVERY_MS = 100;

/** Sends each request to the next pod that said it is ready when it was asked last. */
export class Balancer {
  private readonly unready = new Set<ServiceProcess>();
  private readonly timer: NodeJS.Timeout;
  private turn = 0;

  constructor(private readonly fleet: Fleet) {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  next(): ServiceProcess {
    const ready = this.fleet.pods.filter((pod) => !this.unready.has(pod));
    const pod = ready[this.turn++ % ready.length];
    if (pod === undefined) throw new Error('no pod is ready');
    return pod;
  }

  /**
   * Asks again what a pod could not do in time because something behind it was slow. What a pod on its way down refuses or
   * cuts off is answered as it is.
   */
  async ask(method: string, path: string, asked?: Asked): Promise<Answer> {
    for (;;) {
      const answer = await askPod(this.next(), method, path, asked);
      const retryAfter = answer.headers.get('retry-after');
      if (answer.status !== 503 || retryAfter === null || answer.body['code'] === 'shutting_down') return answer;
      await setTimeout(Number(retryAfter) * 1000);
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    await Promise.all(
      this.fleet.pods.map(async (pod) => {
        const status = await askPod(pod, 'GET', '/health/ready').then(
          (answer) => answer.status,
          () => undefined,
        );
        if (status === 200) this.unready.delete(pod);
        else this.unready.add(pod);
      }),
    );
  }
}
