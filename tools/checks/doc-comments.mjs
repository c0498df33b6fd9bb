import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript-5.9';
import { files, root } from './tool.mjs';

/** Every name that a published package exports says in a comment what it is; read from the types as built. */
export async function docComments() {
  const entries = (await files('packages/*/package.json')).flatMap(entriesOf);
  const program = ts.createProgram(entries, { module: ts.ModuleKind.NodeNext, types: [] });
  const checker = program.getTypeChecker();
  const bare = new Set();
  for (const entry of entries) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
    for (const name of module === undefined ? [] : checker.getExportsOfModule(module)) {
      const symbol = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
      const [declaration] = symbol.declarations ?? [];
      const own = declaration?.getSourceFile().fileName.startsWith(join(root, 'packages/'));
      if (own && symbol.getDocumentationComment(checker).length === 0)
        bare.add(`${source(declaration)}: ${name.name} has no doc comment`);
    }
  }
  return [...bare].sort();
}

function entriesOf(manifest) {
  const { exports } = JSON.parse(readFileSync(join(root, manifest), 'utf8'));
  const types = Object.values(exports).flatMap((entry) => entry.types ?? []);
  return types.map((path) => join(root, dirname(manifest), path));
}

const source = (declaration) =>
  relative(root, declaration.getSourceFile().fileName)
    .replace('/dist/', '/src/')
    .replace(/\.d\.ts$/, '.ts');
