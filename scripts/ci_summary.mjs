// Ends CI with the line "N passed, N failed"; exits non-zero unless everything held.
//   node scripts/ci_summary.mjs <exit code of npm test> <exit code of the demo>
import { existsSync, readFileSync } from "node:fs";

const [tests, demo] = process.argv.slice(2).map(Number);
const file = "dist/test-results.json";
const results = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 0 };
let { numPassedTests: passed, numFailedTests: failed } = results;
// A suite that could not start, a failed lint or a missing result file are failures too.
if (tests !== 0 && failed === 0) failed += Math.max(1, results.numFailedTestSuites);
if (demo === 0) passed += 1;
else failed += 1;
console.log(`demo: ${demo === 0 ? "held" : `failed with exit code ${demo}`}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 1 ? 0 : 1);
