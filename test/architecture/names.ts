/** Names that say nothing of what is inside; AWS Secrets Manager is called so. */
const EMPTY = /(^|\/|[-.])(?<!secrets-)(utils?|helpers?|common|misc|managers?)(?=$|[/.-])/i;

/** The files whose own name, or a folder's on the way to them, says nothing. */
export function emptyNames(files: readonly string[]): readonly string[] {
  return files.filter((file) => EMPTY.test(file));
}

/** Somebody's own folder, wherever it is written. */
const HOME = /(?<![\w.:/-])\/(?:(?:home|Users)\/\w[\w.-]*|root\/)|[A-Z]:\\Users\\/;

/** The path of one machine in a text, if any: a person's folder, or one of those given. */
export function machinePath(text: string, folders: readonly string[]): string | undefined {
  return folders.find((folder) => text.includes(folder)) ?? HOME.exec(text)?.[0];
}

/** The npm scripts that a text tells its reader to run. */
export function scriptsNamed(text: string): readonly string[] {
  const run = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name);
  const short = [...text.matchAll(/\bnpm (start|test)\b/g)].map(([, name = '']) => name);
  return [...new Set([...run, ...short])].sort();
}
