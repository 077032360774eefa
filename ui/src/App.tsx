/** The frame of the page: theme, header, errors of specs, and either the list or a dashboard. */
import { css } from '@emotion/css';
import { Global } from '@emotion/react';
import { createTheme, type GrafanaTheme2, ThemeContext } from '@grafana/data';
import { Alert, GlobalStyles, Icon, IconButton, PortalContainer, useStyles2 } from '@grafana/ui';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import type { Client } from './client';
import type { Meta, Revision, SpecError } from './contract';
import { DashboardPage } from './dashboard/DashboardPage';
import { parsePlace, type Place, setParameters, useLocation } from './dashboard/location';
import { stopClock } from './dashboard/range';
import { DashboardList } from './DashboardList';
import { setPageComplete } from './ready';

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ minHeight: '100vh', background: theme.colors.background.canvas, color: theme.colors.text.primary }),
  header: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    height: theme.spacing(5),
    padding: theme.spacing(0, 2),
    background: theme.colors.background.primary,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    whiteSpace: 'nowrap',
    overflow: 'hidden',
  }),
  facts: css({ marginLeft: 'auto', color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  title: css({ overflow: 'hidden', textOverflow: 'ellipsis' }),
  errors: css({ padding: theme.spacing(1, 2, 0) }),
  message: css({ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
});

/** The theme that the server was asked for. */
const themeOfDocument = document.documentElement.dataset.theme === 'light' ? 'light' : 'dark';

function Header({ meta, mode, title }: { meta: Meta; mode: 'dark' | 'light'; title?: string }) {
  const styles = useStyles2(getStyles);
  const other = mode === 'light' ? 'dark' : 'light';
  return (
    <header className={styles.header}>
      <a href={`/?theme=${mode}`}>Dashboards</a>
      {title !== undefined && (
        <>
          <Icon name="angle-right" />
          <span className={styles.title}>{title}</span>
        </>
      )}
      <span className={styles.facts}>{`${meta.environment} · data: ${meta.datasource.kind === 'embedded' ? 'demo, embedded QuestDB' : meta.datasource.kind}`}</span>
      <IconButton name="adjust-circle" tooltip={`${other === 'light' ? 'Light' : 'Dark'} theme`} onClick={() => setParameters({ theme: other }, 'replace')} />
    </header>
  );
}

/** Specs that failed to load; what is drawn below them is from the last time they did not. */
function SpecErrors({ errors }: { errors: SpecError[] }) {
  const styles = useStyles2(getStyles);
  if (errors.length === 0) {
    return null;
  }
  return (
    <div className={styles.errors} data-testid="spec-errors">
      <Alert severity="error" title={errors.length === 1 ? 'A spec has an error; the last good dashboards are shown' : `The specs have ${errors.length} errors; the last good dashboards are shown`}>
        {errors.map((e, i) => (
          <div key={i} className={styles.message}>
            {e.file && <strong>{`${e.file}${e.line ? `:${e.line}` : ''} `}</strong>}
            {e.message}
            {e.hint && <div>{e.hint}</div>}
          </div>
        ))}
      </Alert>
    </div>
  );
}

function useMeta(client: Client) {
  const [meta, setMeta] = useState<Meta>();
  const [error, setError] = useState<string>();
  /** Grows, for each dashboard, with each change of it. */
  const [revisions, setRevisions] = useState<Record<string, number>>({});
  const known = useRef<number>(undefined);
  const load = useCallback(() => {
    client.meta().then(
      (m) => {
        const at = client.data?.range.toMs ?? m.now;
        if (at != null) {
          stopClock(at);
        }
        setMeta(m);
        // specs that changed while nobody listened: which dashboards did is not known
        if (known.current !== undefined && m.revision > known.current) {
          setRevisions(Object.fromEntries(m.dashboards.map((d) => [d.uid, m.revision])));
        }
        known.current = m.revision;
        setError(undefined);
      },
      (e: unknown) => setError(e instanceof Error ? e.message : String(e))
    );
  }, [client]);
  useEffect(() => {
    load();
    return client.listen(({ revision, changed, errors }: Revision) => {
      known.current = revision;
      setMeta((m) => m && { ...m, errors, revision });
      setRevisions((r) => ({ ...r, ...Object.fromEntries(changed.map((uid) => [uid, revision])) }));
      if (changed.length) {
        load();
      }
    }, load);
  }, [client, load]);
  return { meta, error, revisions };
}

export function App({ client }: { client: Client }) {
  const url = useLocation();
  const place = useMemo(() => parsePlace(url), [url]);
  const mode = place.theme ?? client.data?.theme ?? themeOfDocument;
  const theme = useMemo(() => createTheme({ colors: { mode } }), [mode]);
  const { meta, error, revisions } = useMeta(client);
  useEffect(() => {
    document.documentElement.dataset.theme = mode;
    document.documentElement.style.background = theme.colors.background.canvas;
  }, [mode, theme]);
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Global styles={{ 'html, body': { margin: 0, padding: 0 }, '[role="grid"][role]': { contentVisibility: 'visible' } }} />
      <Page client={client} place={place} mode={mode} meta={meta} error={error} revisions={revisions} />
      <PortalContainer />
    </ThemeContext.Provider>
  );
}

interface PageProps {
  client: Client;
  place: Place;
  mode: 'dark' | 'light';
  meta?: Meta;
  error?: string;
  revisions: Record<string, number>;
}

function Page({ client, place, mode, meta, error, revisions }: PageProps) {
  const styles = useStyles2(getStyles);
  const { uid } = place;
  useEffect(() => {
    if (!uid) {
      setPageComplete(meta !== undefined || error !== undefined);
      document.title = 'dashgen preview';
    }
  }, [uid, meta, error]);
  if (!meta) {
    return (
      <div className={styles.page}>
        {error && (
          <div className={styles.errors}>
            <Alert severity="error" title="The preview's server does not answer">{error}</Alert>
          </div>
        )}
      </div>
    );
  }
  const entry = meta.dashboards.find((d) => d.uid === uid);
  return (
    <div className={styles.page}>
      {!place.kiosk && <Header meta={meta} mode={mode} title={uid ? (entry?.title ?? uid) : undefined} />}
      {!place.kiosk && error && <div className={styles.errors}><Alert severity="warning" title="The preview's server does not answer">{error}</Alert></div>}
      {!place.kiosk && <SpecErrors errors={meta.errors} />}
      {uid ? (
        <DashboardPage key={uid} client={client} meta={meta} place={place} uid={uid} revision={revisions[uid] ?? 0} />
      ) : (
        <DashboardList meta={meta} />
      )}
    </div>
  );
}

