/** One call of a history as its caller saw it. */
export interface Call<Asked = unknown, Answer = unknown> {
  /** Who called. */
  readonly client: string;
  /** What was called: a session, a lease, a pool. Calls on different things never affect each other. */
  readonly on: string;
  readonly asked: Asked;
  /** When it was asked: its place in the one order in which all questions and answers were noted. */
  readonly begin: number;
  /** When it was answered. Infinity when its outcome is unknown: it may have taken effect at any time since, or never. */
  readonly end: number;
  /** Undefined when its outcome is unknown. */
  readonly answer: Answer | undefined;
}

/** What calls on one thing mean when they come one after the other. */
export interface Specification<State, Asked, Answer> {
  /** States are JSON: two that look the same are the same. */
  readonly initial: State;
  /**
   * Every state that the thing may be in after a call that came out as `answer`, or that took effect unseen when
   * `answer` is undefined. None when the call can't have come out so.
   */
  after(state: State, asked: Asked, answer: Answer | undefined): readonly State[];
}
