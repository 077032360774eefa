/** How the page gets its data: from the server, or from the answers inside a page that stands alone. */
import type {
  AlertsAnswer,
  AnnotationsAnswer,
  DashboardAnswer,
  Meta,
  QueryAnswer,
  QueryRequest,
  Revision,
  StaticData,
  VariablesAnswer,
  VariablesRequest,
  VariableValues,
} from './contract';

export interface AnnotationsRequest {
  uid: string;
  from: number;
  to: number;
  variables: VariableValues;
}

export interface Client {
  readonly data?: StaticData;
  meta(): Promise<Meta>;
  dashboard(uid: string): Promise<DashboardAnswer>;
  query(request: QueryRequest, signal?: AbortSignal): Promise<QueryAnswer>;
  variables(request: VariablesRequest, signal?: AbortSignal): Promise<VariablesAnswer>;
  annotations(request: AnnotationsRequest, signal?: AbortSignal): Promise<AnnotationsAnswer>;
  alerts(uid: string, panelId: number, signal?: AbortSignal): Promise<AlertsAnswer>;
  /** Calls back for each new state of the specs, and when some may have been missed; answers how to stop. */
  listen(onRevision: (revision: Revision) => void, onReturn: () => void): () => void;
}

/** What the server said in place of an answer. */
export class ServerError extends Error {
  constructor(
    message: string,
    readonly status: number
  ) {
    super(message);
  }
}

async function answer<T>(response: Response): Promise<T> {
  if (response.ok) {
    return (await response.json()) as T;
  }
  const text = await response.text();
  let message = text || response.statusText;
  try {
    const body = JSON.parse(text) as { error?: string; message?: string };
    message = body.error ?? body.message ?? message;
  } catch {
    // the server's words are plain text
  }
  throw new ServerError(message, response.status);
}

async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { 'Content-Type': 'application/json' };
  return answer<T>(await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), signal }));
}

/**
 * A browser has six connections to a server, of which the events take one. Queries of panels leave another free, so that
 * variables, annotations and other pages need not wait for the slowest panel.
 */
const MOST_QUERIES = 4;
let running = 0;
const waiting: Array<() => void> = [];

/** Runs the work when there is room; one that is aborted meanwhile leaves the line. */
async function inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  if (running >= MOST_QUERIES) {
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(new DOMException('The query was cancelled', 'AbortError'));
      };
      waiting.push(begin);
      signal?.addEventListener('abort', leave, { once: true });
    });
  } else {
    running++;
  }
  try {
    signal?.throwIfAborted();
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) {
      next();
    } else {
      running--;
    }
  }
}

/** Events while the page is seen: pages behind it need no connection, and ask for what they missed when they come up. */
function listenWhileSeen(onRevision: (revision: Revision) => void, onReturn: () => void): () => void {
  let source: EventSource | undefined;
  const begin = () => {
    source = new EventSource('/api/events');
    source.addEventListener('revision', (event) => onRevision(JSON.parse((event as MessageEvent<string>).data)));
  };
  const change = () => {
    if (document.hidden) {
      source?.close();
      source = undefined;
    } else if (!source) {
      begin();
      onReturn();
    }
  };
  if (!document.hidden) {
    begin();
  }
  document.addEventListener('visibilitychange', change);
  return () => {
    document.removeEventListener('visibilitychange', change);
    source?.close();
  };
}

export const liveClient: Client = {
  meta: async () => answer(await fetch('/api/dashboards')),
  dashboard: async (uid) => answer(await fetch(`/api/dashboards/${encodeURIComponent(uid)}`)),
  query: (request, signal) => inTurn(() => post('/api/query', request, signal), signal),
  variables: (request, signal) => post('/api/variables', request, signal),
  annotations: (request, signal) => post('/api/annotations', request, signal),
  alerts: (uid, panelId, signal) => post('/api/alerts', { uid, panelId }, signal),
  listen: listenWhileSeen,
};

/** The key of a query's answer: names of scoped variables sorted, so that it is the same however it came about. */
export function queryKey(uid: string, panelId: number, scopedVars: Record<string, string>): string {
  const sorted = Object.fromEntries(Object.entries(scopedVars).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${uid}/${panelId}/${JSON.stringify(sorted)}`;
}

export function staticClient(data: StaticData): Client {
  const found = <T>(value: T | undefined, what: string): Promise<T> =>
    value === undefined ? Promise.reject(new Error(`${what} is not part of this page`)) : Promise.resolve(value);
  return {
    data,
    meta: () => Promise.resolve(data.meta),
    dashboard: (uid) => found(data.dashboards[uid], `dashboard ${uid}`),
    query: (r) => found(data.queries[queryKey(r.uid, r.panelId, r.scopedVars)], `the data of panel ${r.panelId}`),
    variables: (r) => Promise.resolve(data.variables[r.uid] ?? { variables: [] }),
    annotations: (r) => Promise.resolve(data.annotations[r.uid] ?? { annotations: [] }),
    alerts: (uid, panelId) => Promise.resolve(data.alerts[`${uid}/${panelId}`] ?? { groups: [] }),
    listen: () => () => undefined,
  };
}

/** The client for this page: `<script type="application/json" id="dashgen-data">` makes it a page without a server. */
export function clientOfPage(): Client {
  const block = document.getElementById('dashgen-data');
  return block?.textContent ? staticClient(JSON.parse(block.textContent) as StaticData) : liveClient;
}
