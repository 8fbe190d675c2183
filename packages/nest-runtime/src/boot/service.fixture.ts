import { Body, Controller, Delete, Get, Inject, Module, Param, Post, Query } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';
import { z } from 'zod';
import { createLogger } from '../logging/logger.ts';
import { ProblemError } from '../problem/problem-error.ts';
import { ProblemRegistry } from '../problem/problem-registry.ts';
import { bootService } from './boot-service.ts';
import type { BootOptions, RunningService } from './boot-service.ts';
import { ServiceLifecycle } from './service-lifecycle.ts';

export const CANARY = 'canary-8f14e45fceea167a';

export class StoreDown extends Error {
  override readonly name = 'StoreDown';
  readonly retryAfterMs = 2500;
  constructor(readonly code: string) {
    super(`select ${CANARY} failed`);
  }
}

const thing = z.object({
  name: z.string('must be text').min(2, 'must have at least 2 characters').meta({ example: 'oar' }),
  'a/b': z.number().optional(),
  crew: z.union([z.array(z.string('must be a name')), z.record(z.string(), z.number('must be an age'))]).optional(),
});

/** Lets a test hold a request and let it go. */
export class Gate {
  readonly arrived: Promise<void>;
  readonly opened: Promise<void>;
  arrive!: () => void;
  open!: () => void;

  constructor() {
    this.arrived = new Promise((resolve) => (this.arrive = resolve));
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}

@Controller('v1/things')
export class ThingsController {
  constructor(
    @Inject(Gate) private readonly gate: Gate,
    @Inject(ServiceLifecycle) private readonly lifecycle: ServiceLifecycle,
  ) {}

  @Post()
  create(@Body({ schema: thing }) body: z.output<typeof thing>): unknown {
    return { created: body.name };
  }

  @Get()
  list(@Query({ schema: z.object({ limit: z.coerce.number().int().max(9).optional() }) }) query: unknown): unknown {
    return query;
  }

  @Delete(':id')
  remove(@Param('id') id: string): unknown {
    return { deleted: id };
  }

  @Get('slow')
  async slow(): Promise<unknown> {
    this.gate.arrive();
    await this.gate.opened;
    return { draining: this.lifecycle.draining };
  }

  @Get('fails/:how')
  fail(@Param('how') how: string): never {
    if (how === 'mapped') throw new StoreDown('down');
    if (how === 'public') throw new StoreDown('public');
    if (how === 'unmapped') throw new StoreDown('surprise');
    if (how === 'undefined') throw new ProblemError('no_such_code', 'x');
    if (how === 'edge') throw new ProblemError('sunk', 'The boat sank.', { headers: { 'x-depth': '7' } });
    throw Object.assign(new Error(`token ${CANARY}`), { query: `select '${CANARY}'`, cause: new Error('deep') });
  }
}

export interface TestService extends RunningService {
  readonly gate: Gate;
  /** Every line of the log so far. */
  lines(): Record<string, unknown>[];
  text(): string;
}

export async function startService(
  options: Partial<BootOptions> & { readonly providers?: Provider[]; readonly secrets?: string[] } = {},
): Promise<TestService> {
  const gate = new Gate();
  const written: string[] = [];
  class ThingsModule {}
  Module({})(ThingsModule);
  const module: DynamicModule = {
    module: ThingsModule,
    controllers: [ThingsController],
    providers: [{ provide: Gate, useValue: gate }, ...(options.providers ?? [])],
  };
  const logger = createLogger({
    name: 'things',
    level: 'debug',
    secrets: options.secrets ?? [],
    destination: { write: (line) => void written.push(line) },
  });
  const problems = new ProblemRegistry({
    problems: {
      sunk: { status: 422, title: 'It sank', detail: 'It sank.' },
      store_down: { status: 503, title: 'No store', detail: 'The store is away.', retryAfterSeconds: 9 },
    },
    errors: { 'StoreDown.down': 'store_down', 'StoreDown.public': { problem: 'store_down', messageIsPublic: true } },
  });
  const service = await bootService({
    name: 'things',
    module,
    logger,
    problems,
    port: 0,
    handleSignals: false,
    api: { title: 'Things <&>', description: 'Things.', version: '1', bearer: true },
    ...options,
  });
  return {
    ...service,
    gate,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
