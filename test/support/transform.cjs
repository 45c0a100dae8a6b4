// Types are checked by `npm run check`; here they are only taken away.
const { createHash } = require('node:crypto');
const ts = require('typescript');

const compilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2023,
  verbatimModuleSyntax: true,
  inlineSourceMap: true,
};

module.exports = {
  getCacheKey: (source, path) =>
    createHash('sha1').update(source).update(path).update(ts.version).digest('hex'),
  process: (source, path) => ({
    code: ts.transpileModule(source, { fileName: path, compilerOptions }).outputText,
  }),
};
