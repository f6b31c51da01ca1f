import { openSync, writeSync } from 'node:fs';

/** The terminal of local mode, apart from what the functions log. */
export interface Terminal {
  print(text: string): void;
  printError(text: string): void;
}

/**
 * Appends to a file what the process writes to its standard streams, and returns a terminal that still prints. The
 * functions share the process, and log to its standard streams as they do on Lambda.
 *
 * @param verbose shows on the terminal, too, what goes to the file.
 */
export function redirectOutput(logFile: string, verbose: boolean): Terminal {
  const log = openSync(logFile, 'a', 0o600);
  const [print, printError] = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write.bind(stream);
    stream.write = (
      chunk: string | Uint8Array,
      encodingOrCallback?: BufferEncoding | ((error?: Error | null) => void),
      callback?: (error?: Error | null) => void,
    ) => {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      writeSync(log, bytes);
      if (verbose) write(bytes);
      const done = typeof encodingOrCallback === 'function' ? encodingOrCallback : callback;
      if (done) process.nextTick(done);
      return true;
    };
    return (text: string) => void write(text);
  });
  if (!print || !printError) throw new Error('The process has no standard streams.');
  return { print, printError };
}
