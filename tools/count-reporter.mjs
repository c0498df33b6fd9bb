/** The last line of every test run: the tests of all packages, counted. */
export default class CountReporter {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) count[test.result().state] += 1;
      if (tests.length === 0 && module.state() === 'failed') count.failed += 1; // it did not even load
    }
    this.line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
    process.on('exit', () => process.stdout.write(`\n${this.line}\n`));
  }
}
