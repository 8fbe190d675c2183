import { runTool } from './run-tool.mjs';

await runTool('drills', 'soak-main');
