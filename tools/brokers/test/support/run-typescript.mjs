// Lets plain `node --import` run this package's sources: an import of x.js finds x.ts, as the bundler of the tests does.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const source =
      specifier.startsWith('.') && !context.parentURL?.includes('node_modules') ? specifier.replace(/\.js$/, '.ts') : specifier;
    return next(source, context);
  },
});
