export interface Progress {
  readonly say: (line: string) => void;
  /** Ends the line that a terminal shows. */
  readonly end: () => void;
}

/** What happens, with the time so far: each a line, but on a terminal the last one only. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  const startedAt = performance.now();
  const { isTTY: terminal } = stream;
  let open = false;
  return {
    say: (line) => {
      const text = `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`;
      open = terminal;
      stream.write(terminal ? `\r\u001B[2K${text.slice(0, Math.max(20, stream.columns - 1))}` : `${text}\n`);
    },
    end: () => {
      if (open) stream.write('\n');
      open = false;
    },
  };
}
