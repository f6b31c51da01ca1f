import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import {
  API_PATH_PREFIX,
  type ConsoleConfig,
  cacheControl,
  contentSecurityPolicy,
  FILE_PATH,
  SECURITY_HEADERS,
} from '../../shared/contract/console.ts';

export interface ConsoleOptions {
  /** The folder of the built files. */
  readonly folder: string;
  /** Builds them, where no build is newer than the sources. */
  readonly build: () => Promise<void>;
  /** The console's configuration, once the API has its address. */
  readonly config: () => ConsoleConfig;
}

export type ServeConsole = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** As fast as gzip, and smaller. */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/**
 * Serves the console as CloudFront does: its files, `/config.json`, and `/index.html` for every page. The first request
 * builds it.
 *
 * @returns a function that returns false for any other request.
 */
export function serveConsole({ folder, build, config }: ConsoleOptions): ServeConsole {
  const whenBuilt = retryable(build);
  return async (request, response) => {
    const path = filePath(request);
    if (path === undefined) return false;
    if (path !== '/config.json') await whenBuilt();
    const content = path === '/config.json' ? JSON.stringify(config()) : await readIfPresent(folder, path);
    if (content === undefined) return false;
    const isCompressed = accepts(request, 'br');
    const body = isCompressed ? await promisify(brotliCompress)(content, QUALITY) : content;
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-security-policy': policyFor(config()),
      'cache-control': cacheControl(path),
      'content-type': CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
      ...(isCompressed && { 'content-encoding': 'br' }),
      vary: 'accept-encoding',
      'content-length': Buffer.byteLength(body),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  };
}

/** CloudFront compresses text by Brotli or gzip; every browser accepts the former. */
function accepts({ headers }: IncomingMessage, encoding: string): boolean {
  const accepted = String(headers['accept-encoding'] ?? '').split(',');
  return accepted.some((part) => part.split(';')[0]?.trim() === encoding);
}

/** The API has the console's own origin, and icon addresses begin with it. */
function policyFor({ issuer }: ConsoleConfig): string {
  return contentSecurityPolicy({ connectTo: [new URL(issuer).origin], imagesFrom: [] });
}

/** Runs once, however often it is called, until it fails: then the next call runs it again. */
function retryable<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= work().catch((error) => {
      running = undefined;
      throw error;
    });
    return running;
  };
}

/** Returns the path of the requested file; undefined for a request to the API, or one that no page is meant for. */
function filePath({ method, url = '/', headers }: IncomingMessage): string | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const { pathname } = new URL(url, 'http://localhost');
  if (pathname.startsWith(API_PATH_PREFIX) || pathname.startsWith('/local/')) return undefined;
  if (FILE_PATH.test(pathname)) return pathname;
  return headers.accept?.includes('text/html') ? '/index.html' : undefined;
}

async function readIfPresent(folder: string, path: string): Promise<Buffer | undefined> {
  const file = join(folder, path);
  if (!file.startsWith(`${folder}${sep}`)) return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
