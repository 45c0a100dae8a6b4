// Whole stacks and simulations begin first, so that no worker ends with one of them alone.
const { default: Sequencer } = require('@jest/test-sequencer');

const order = ['/test/chaos/', '/test/e2e/', '/test/integration/', '/test/unit/'];
const rank = ({ path }) => order.findIndex((folder) => path.includes(folder));

module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path));
  }
};
