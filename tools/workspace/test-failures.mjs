import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const MESSAGE_LINES = 6;
const LISTED = 25;

function firstLines(message) {
  const lines = stripVTControlCharacters(message).split('\n');
  return lines.filter((line) => line.trim() !== '').slice(0, MESSAGE_LINES);
}

/**
 * What failed in one Jest run: a test each, or a suite that could not run.
 * @param {string} rootDir the project's folder
 * @param {{ testResults: object[] }} results Jest's aggregated result
 * @returns {{ file: string, name: string, message: string[] }[]} with the message's first lines, without colours
 */
export function listFailures(rootDir, { testResults }) {
  return testResults.flatMap((suite) => {
    const file = relative(rootDir, suite.testFilePath);
    if (suite.testExecError)
      return [{ file, name: '(could not run)', message: firstLines(suite.failureMessage ?? '') }];
    const failed = suite.testResults.filter(({ status }) => status === 'failed');
    return failed.map(({ fullName, failureMessages }) => ({
      file,
      name: fullName,
      message: firstLines(failureMessages.join('\n')),
    }));
  });
}

/**
 * Messages first, names last: a log that keeps only its end still says what failed.
 * @param {{ project: string, file: string, name: string, message: string[] }[]} failures
 * @returns {string[]} lines; none when nothing failed
 */
export function describeFailures(failures) {
  if (failures.length === 0) return [];
  const listed = failures.slice(0, LISTED);
  const rest = failures.length - listed.length;
  const title = ({ project, file, name }) => [project, file, name].filter((part) => part !== '').join(' › ');
  return [
    ...listed.flatMap((failure) => [title(failure), ...failure.message.map((line) => `    ${line}`)]),
    '',
    'failed:',
    ...listed.map((failure) => `  ${title(failure)}`),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}
