import { PassThrough } from 'node:stream';
import { expect, it, jest } from '@jest/globals';
import { onClosedPipe } from './closed-pipe.ts';

it('a pipe that nobody reads ends the command, and is no error', () => {
  const stream = new PassThrough();
  const closed = jest.fn();
  onClosedPipe(stream, closed);
  stream.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(closed).toHaveBeenCalledTimes(1);
  expect(() => stream.emit('error', new Error('disk full'))).toThrow('disk full');
});
