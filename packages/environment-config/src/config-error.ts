export interface ConfigFault {
  readonly variable: string;
  /** Which of several things that the variable leads to; without it, the fault is of all of them. */
  readonly part?: string;
  readonly problem: string;
  /** How to mend it. */
  readonly remedy: string;
}

/** The environment does not fit the schema. Lists every fault; never the value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'invalid_configuration';
  readonly retryable = false;
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[], options?: ErrorOptions) {
    const lines = faults.map(({ variable, problem, remedy }) => `  ${variable}: ${problem}. ${remedy}`);
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines.join('\n')}`,
      options,
    );
    this.faults = faults;
  }
}
