import { startService } from '@mooring/services';
import type { ServiceProcess } from '@mooring/services';

export type Environment = Readonly<Record<string, string>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface Asked {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** No limit when left out. */
  readonly timeoutMs?: number;
}

/** Sends one request to one pod. */
export async function askPod(
  { url }: Pick<ServiceProcess, 'url'>,
  method: string,
  path: string,
  { token, body, headers, timeoutMs }: Asked = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
  });
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (isJson ? JSON.parse(text) : {}) as Record<string, unknown>,
  };
}

/** Pods of one service; each request goes to the next one. */
export class Fleet {
  pods: readonly ServiceProcess[] = [];
  /** Logs of pods that were stopped. */
  private readonly logs: string[] = [];
  private turn = 0;

  constructor(
    private readonly script: string,
    private readonly env: Environment,
  ) {}

  /** Where one can not be started, the others are there for `stop`. */
  async start(count: number, ports: readonly number[] = []): Promise<void> {
    const starts = Array.from({ length: count }, (_, index) => this.startPod(ports[index]));
    const ended = await Promise.allSettled(starts);
    this.pods = ended.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    await Promise.all(starts);
  }

  /** Tells a pod to end and starts another meanwhile. Answers the exit code. */
  async replace(old: ServiceProcess): Promise<number | null> {
    old.signal('SIGTERM');
    const successor = await this.startPod();
    this.pods = [...this.pods, successor];
    const code = await old.exited;
    this.pods = this.pods.filter((pod) => pod !== old);
    this.logs.push(old.output());
    return code;
  }

  async stop(): Promise<void> {
    await Promise.all(this.pods.map((pod) => pod.stop()));
    for (const pod of this.pods) this.logs.push(pod.output());
    this.pods = [];
  }

  /** Ends every pod, and starts as many on the same ports. */
  async restart(): Promise<void> {
    const ports = this.pods.map(({ url }) => Number(new URL(url).port));
    await this.stop();
    await this.start(ports.length, ports);
  }

  /** Ends a pod as a crash would do. It keeps its place, where requests go to nobody. */
  async kill(pod: ServiceProcess): Promise<void> {
    pod.signal('SIGKILL');
    await pod.exited;
  }

  /** Starts another in the place and on the port of one that ended. */
  async revive(ended: ServiceProcess): Promise<void> {
    const successor = await this.startPod(Number(new URL(ended.url).port));
    this.logs.push(ended.output());
    this.pods = this.pods.map((pod) => (pod === ended ? successor : pod));
  }

  /** Whose turn it is. */
  next(): ServiceProcess {
    const pod = this.pods[this.turn++ % this.pods.length];
    if (pod === undefined) throw new Error('no pod runs');
    return pod;
  }

  ask(method: string, path: string, asked?: Asked): Promise<Answer> {
    return askPod(this.next(), method, path, asked);
  }

  /** The same request to every pod, in turn. */
  async askEach(method: string, path: string, asked?: Asked): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const pod of this.pods) answers.push(await askPod(pod, method, path, asked));
    return answers;
  }

  async metrics(): Promise<string[]> {
    return (await this.askEach('GET', '/metrics')).map(({ text }) => text);
  }

  /** What all pods wrote so far, those that were stopped too. */
  log(): string {
    return [...this.logs, ...this.pods.map((pod) => pod.output())].join('\n');
  }

  private startPod(port?: number): Promise<ServiceProcess> {
    const program = { script: this.script, env: this.env, readyPath: '/health/ready' };
    return startService(port === undefined ? program : { ...program, port });
  }
}
