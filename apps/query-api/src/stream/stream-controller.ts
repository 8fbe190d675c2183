import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ProblemError } from '@mooring/nest-runtime';
import { ApiProblems } from '../api-problems.ts';

/** For people who look the path up, or ask for it without a WebSocket. */
@ApiTags('stream')
@Controller('v1/stream')
export class StreamController {
  @Get()
  @Header('Upgrade', 'websocket')
  @ApiOperation({
    summary: 'Statements over a WebSocket',
    description:
      'Connect with a WebSocket client and the token in `Authorization`, or in a first message ' +
      '`{"type":"authenticate","token":"…"}`. Then `{"type":"run","ref":"a","sql":"…"}` with the members of ' +
      '`POST /v1/queries` but `waitSeconds`, answered by messages `state`, `rows` and `end`, or `problem`; ' +
      '`{"type":"cancel","ref":"a"}` stops it.',
  })
  @ApiProblems(426)
  get(): never {
    throw new ProblemError('upgrade_required', 'This path speaks WebSocket: connect with a client for it.');
  }
}
