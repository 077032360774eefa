/** What the address says, in Grafana's own parameters, and how it changes without a reload. */
import { useSyncExternalStore } from 'react';

import type { StaticData, VariableValues } from '../contract';

export interface Place {
  /** Undefined on the list of dashboards. */
  uid?: string;
  from?: string;
  to?: string;
  refresh?: string;
  theme?: 'dark' | 'light';
  timezone?: string;
  viewPanel?: string;
  kiosk: boolean;
  /** Draws panels out of view too. */
  all: boolean;
  variables: VariableValues;
}

const DASHBOARD = /^\/d\/([^/?#]+)/;

export function parsePlace(url: URL): Place {
  const query = url.searchParams;
  const variables: VariableValues = {};
  for (const key of new Set(query.keys())) {
    if (key.startsWith('var-')) {
      const values = query.getAll(key);
      variables[key.slice('var-'.length)] = values.length === 1 ? values[0] : values;
    }
  }
  const theme = query.get('theme');
  const uid = DASHBOARD.exec(url.pathname)?.[1];
  return {
    uid: uid === undefined ? undefined : decodeURIComponent(uid),
    from: query.get('from') ?? undefined,
    to: query.get('to') ?? undefined,
    refresh: query.get('refresh') ?? undefined,
    theme: theme === 'dark' || theme === 'light' ? theme : undefined,
    timezone: query.get('timezone') ?? undefined,
    viewPanel: query.get('viewPanel') ?? undefined,
    kiosk: query.has('kiosk'),
    all: query.has('all'),
    variables,
  };
}

const subscribers = new Set<() => void>();
let current = new URL(window.location.href);

function changed() {
  current = new URL(window.location.href);
  subscribers.forEach((f) => f());
}

/** A page without a server has no addresses of its own to go to: it remembers where it is. */
let standalone = false;

export function goTo(href: string, how: 'push' | 'replace' = 'push'): void {
  const url = new URL(href, current);
  if (standalone) {
    current = url;
    subscribers.forEach((f) => f());
    return;
  }
  window.history[how === 'push' ? 'pushState' : 'replaceState'](null, '', url);
  changed();
}

/** Sets parameters; null takes one away. */
export function setParameters(values: Record<string, string | string[] | null>, how: 'push' | 'replace' = 'push'): void {
  const url = new URL(current);
  for (const [key, value] of Object.entries(values)) {
    url.searchParams.delete(key);
    for (const one of value === null ? [] : Array.isArray(value) ? value : [value]) {
      url.searchParams.append(key, one);
    }
  }
  goTo(url.href, how);
}

export function useLocation(): URL {
  return useSyncExternalStore(
    (f) => {
      subscribers.add(f);
      return () => subscribers.delete(f);
    },
    () => current
  );
}

/** Links to dashboards are followed without loading the page anew. */
function follow(event: MouseEvent) {
  const anchor = (event.target as Element | null)?.closest?.('a[href]');
  if (!anchor || event.defaultPrevented || event.button !== 0) {
    return;
  }
  const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  const url = new URL(anchor.getAttribute('href') ?? '', current);
  const ours = url.origin === current.origin && (url.pathname === '/' || DASHBOARD.test(url.pathname));
  const target = anchor.getAttribute('target');
  if (ours && !modified && (!target || target === '_self')) {
    event.preventDefault();
    goTo(url.href);
  }
}

export function startLocation(data: StaticData | undefined): void {
  document.addEventListener('click', follow);
  if (data) {
    standalone = true;
    const { uid, panelId } = data.view;
    const query = new URLSearchParams(window.location.search);
    query.set('from', data.range.from);
    query.set('to', data.range.to);
    query.set('theme', data.theme);
    if (data.timezone) {
      query.set('timezone', data.timezone);
    }
    if (panelId != null) {
      query.set('viewPanel', String(panelId));
    }
    current = new URL(uid ? `http://preview.invalid/d/${encodeURIComponent(uid)}?${query}` : `http://preview.invalid/?${query}`);
    return;
  }
  window.addEventListener('popstate', changed);
  if (current.searchParams.has('token')) {
    // the server has set its cookie; the token is not for the history
    setParameters({ token: null }, 'replace');
  }
}
