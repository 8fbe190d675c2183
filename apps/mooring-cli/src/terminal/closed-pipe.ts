/** Tells when nobody reads a stream any more, as `head` does, which is no failure. */
export function onClosedPipe(stream: NodeJS.WritableStream, closed: () => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed();
  });
}
