/** A page of the console. */
export type Route =
  | { readonly page: 'start' }
  | { readonly page: 'connections'; readonly projectId: string }
  | { readonly page: 'connection'; readonly projectId: string; readonly connectionId: string }
  | { readonly page: 'flows'; readonly projectId: string }
  | { readonly page: 'flow'; readonly projectId: string; readonly flowId: string }
  | { readonly page: 'unknown' };

/** Returns the page of a path. */
export function routeOf(pathname: string): Route {
  if (pathname === '/') return { page: 'start' };
  const [root, projectId, list, id, ...rest] = pathname.split('/').filter(Boolean).map(decodeURIComponent);
  if (root !== 'projects' || !projectId || rest.length > 0) return { page: 'unknown' };
  if (list === 'connections') {
    return id ? { page: 'connection', projectId, connectionId: id } : { page: 'connections', projectId };
  }
  if (list === 'flows') return id ? { page: 'flow', projectId, flowId: id } : { page: 'flows', projectId };
  return { page: 'unknown' };
}

/** Returns the address of a project's list. */
export function listPath(projectId: string, list: 'connections' | 'flows'): string {
  return `/projects/${encodeURIComponent(projectId)}/${list}`;
}

/**
 * Follows links inside the console without loading it again: those without a modifier key, target or another origin.
 *
 * @param onNavigate is called after each change of the address, by a link or by the browser's buttons.
 */
export function followLinks(onNavigate: () => void): void {
  addEventListener('popstate', onNavigate);
  document.addEventListener('click', (event) => {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link?.href || !isPlain || link.target !== '' || event.defaultPrevented) return;
    if (new URL(link.href).origin !== location.origin) return;
    event.preventDefault();
    history.pushState(null, '', link.href);
    onNavigate();
  });
}

/** Sets parameters of the address; empty ones are left out. */
export function setParameters(parameters: Readonly<Record<string, string>>, how: 'push' | 'replace'): void {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === '') address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  if (address.href === location.href) return;
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}
