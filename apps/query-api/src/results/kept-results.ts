import type { FileHandle } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { ProblemError } from '@mooring/nest-runtime';
import type { QueryApiConfig } from '../config.ts';
import type { NewResult } from './new-result.ts';
import { ResultFolder } from './result-folder.ts';

const SWEEP_EVERY_MS = 600_000;

export type ResultForm = 'rows' | 'csv' | 'parquet';

/** Where a result is kept, as its query's record says it. */
export interface KeptResult {
  readonly folder: string;
  readonly form: ResultForm;
  readonly bytes: number;
}

export interface ResultOwner {
  readonly tenantId: string;
  readonly queryId: string;
  readonly attempt: number;
}

/** Results of the engine's asynchronous queries, in the folder of this process. */
export class KeptResults implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(KeptResults.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  private constructor(private readonly folder: ResultFolder | undefined) {}

  static async open({ results, queries }: Pick<QueryApiConfig, 'results' | 'queries'>): Promise<KeptResults> {
    return new KeptResults(await ResultFolder.open(results, queries.maxTimeoutMs));
  }

  onApplicationBootstrap(): void {
    this.sweep();
    this.timer = setInterval(() => this.sweep(), SWEEP_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
    await this.folder?.close();
  }

  /** @throws ProblemError `results_not_kept` */
  get folderId(): string {
    return this.kept().id;
  }

  /** @throws ProblemError `results_unavailable`, `results_not_kept` */
  create(owner: ResultOwner, form: ResultForm): Promise<NewResult> {
    return this.kept().create(owner.tenantId, fileName(owner, form));
  }

  /** @throws ProblemError `result_elsewhere`, `result_expired` */
  async open(owner: ResultOwner, { folder, form, bytes }: KeptResult): Promise<FileHandle> {
    const handle = await this.ownFolder(folder).find(owner.tenantId, fileName(owner, form), bytes);
    if (handle !== undefined) return handle;
    throw new ProblemError('result_expired', 'The result of the query is not kept any more.');
  }

  /** Who reads it at the moment reads it to its end. @throws ProblemError `result_elsewhere` */
  async remove(owner: ResultOwner, { folder, form }: KeptResult): Promise<void> {
    await this.ownFolder(folder).remove(owner.tenantId, fileName(owner, form));
  }

  private ownFolder(id: string): ResultFolder {
    if (this.folder?.id === id) return this.folder;
    const detail =
      'The result is in a folder that this process does not have. Send the request to the process that ran the query, ' +
      'or give all processes one MOORING_RESULTS_DIR.';
    throw new ProblemError('result_elsewhere', detail);
  }

  private kept(): ResultFolder {
    if (this.folder !== undefined) return this.folder;
    const detail =
      'The service keeps no results of queries on the engine: POST /v1/sql answers them at once. To keep them, its operator ' +
      'sets MOORING_RESULTS_DIR or MOORING_DATA_DIR.';
    throw new ProblemError('results_not_kept', detail);
  }

  private sweep(): void {
    this.sweeping = this.sweeping
      .then(() => this.folder?.sweep())
      .catch(() => this.logger.warn('Results that are over their time could not be removed; trying again later'));
  }
}

function fileName({ queryId, attempt }: ResultOwner, form: ResultForm): string {
  return `${queryId}-${attempt}.${form}`;
}
