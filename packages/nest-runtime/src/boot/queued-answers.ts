import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * When a connection closes, Node tells the answer that is on it. Those that wait behind that one, to requests which were
 * sent before it came, would never learn of it, and what they hold would be held for ever: they are told here.
 */
export function closeQueuedAnswers(fastify: FastifyInstance): void {
  const queues = new WeakMap<Socket, Set<ServerResponse>>();
  fastify.addHook('onRequest', ({ raw: { socket } }, { raw: answer }, done) => {
    if (answer.socket === null) {
      const queue = queues.get(socket) ?? newQueue(socket);
      forgetFinished(queue);
      queues.set(socket, queue.add(answer));
    }
    done();
  });
}

function newQueue(socket: Socket): Set<ServerResponse> {
  const queue = new Set<ServerResponse>();
  socket.once('close', () => {
    for (const answer of queue) {
      // One whose turn has come is Node's to close.
      if (answer.socket !== null || answer.writableFinished) continue;
      answer.destroy();
      answer.emit('close');
    }
  });
  return queue;
}

/** They finish in the order in which they were asked for. */
function forgetFinished(queue: Set<ServerResponse>): void {
  for (const answer of queue) {
    if (!answer.writableFinished) return;
    queue.delete(answer);
  }
}
