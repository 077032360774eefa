/** What a panel shows, as it was asked for and as it came. */
import { css } from '@emotion/css';
import { type DataFrame, dateTimeFormat, getFrameDisplayName, type GrafanaTheme2, toCSV } from '@grafana/data';
import { Button, ClipboardButton, Drawer, Select, Tab, TabsBar, useStyles2 } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useLayoutEffect, useRef, useState } from 'react';

import type { PanelJSON, QueryResult } from '../contract';
import { useDashboard } from './context';
import type { PanelData } from './usePanelData';

export type InspectorTab = 'data' | 'query' | 'frames' | 'json' | 'error';

const getStyles = (theme: GrafanaTheme2) => ({
  code: css({ margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontSize: theme.typography.bodySmall.fontSize }),
  result: css({ marginBottom: theme.spacing(3) }),
  facts: css({ display: 'flex', gap: theme.spacing(2), margin: theme.spacing(1, 0), color: theme.colors.text.secondary }),
  error: css({ color: theme.colors.error.text, whiteSpace: 'pre-wrap' }),
  bar: css({ display: 'flex', gap: theme.spacing(1), alignItems: 'center', marginBottom: theme.spacing(1) }),
  table: css({ height: 'calc(100vh - 240px)', position: 'relative' }),
});

function Sized({ children, className }: { children: (width: number, height: number) => React.ReactNode; className: string }) {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const box = ref.current?.getBoundingClientRect();
    setSize({ width: box?.width ?? 0, height: box?.height ?? 0 });
  }, []);
  return (
    <div ref={ref} className={className}>
      {size.width > 0 && children(size.width, size.height)}
    </div>
  );
}

function download(name: string, text: string) {
  const anchor = document.createElement('a');
  anchor.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(anchor.href);
}

function Data({ frames, title }: { frames: DataFrame[]; title: string }) {
  const styles = useStyles2(getStyles);
  const [index, setIndex] = useState(0);
  const frame = frames[Math.min(index, frames.length - 1)];
  if (!frame) {
    return <p>No data</p>;
  }
  return (
    <>
      <div className={styles.bar}>
        <Select aria-label="Frame" width={40} value={index} options={frames.map((f, i) => ({ value: i, label: getFrameDisplayName(f, i) }))} onChange={(v) => setIndex(v.value ?? 0)} />
        <span>{frame.length} rows</span>
        <Button variant="secondary" icon="download-alt" onClick={() => download(`${title}.csv`, toCSV([frame]))}>
          Download CSV
        </Button>
      </div>
      <Sized className={styles.table}>{(width, height) => <TableNG key={index} data={frame} width={width} height={height} resizable />}</Sized>
    </>
  );
}

export function sqlOf(result: QueryResult): string {
  return result.frames.map((f) => (f.schema?.meta as { executedQueryString?: string } | undefined)?.executedQueryString).find(Boolean) ?? '';
}

function Query({ data }: { data: PanelData }) {
  const styles = useStyles2(getStyles);
  const { timeZone } = useDashboard();
  const { answer, request } = data;
  if (!answer || !request) {
    return <p>No query was sent</p>;
  }
  return (
    <>
      <div className={styles.facts}>
        <span>{`${dateTimeFormat(request.from, { timeZone })} to ${dateTimeFormat(request.to, { timeZone })}`}</span>
        <span>{`${request.maxDataPoints} data points at most`}</span>
        {answer.interval && <span>{`interval ${answer.interval.text}`}</span>}
      </div>
      {Object.values(answer.results).map((result) => (
        <div key={result.refId} className={styles.result} data-testid={`inspect-query-${result.refId}`}>
          <div className={styles.facts}>
            <strong>{result.refId}</strong>
            <span>{`${result.rows ?? result.frames.reduce((n, f) => n + (f.data?.values[0]?.length ?? 0), 0)} rows`}</span>
            {result.ms !== undefined && <span>{`${Math.round(result.ms * 10) / 10} ms`}</span>}
            <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => sqlOf(result)}>
              Copy
            </ClipboardButton>
          </div>
          {result.error && <p className={styles.error}>{result.error}</p>}
          <pre className={styles.code}>{sqlOf(result)}</pre>
        </div>
      ))}
    </>
  );
}

interface Props {
  panel: PanelJSON;
  title: string;
  data: PanelData;
  tab: InspectorTab;
  onTab: (tab: InspectorTab) => void;
  onClose: () => void;
}

const LABELS: Record<InspectorTab, string> = { data: 'Data', query: 'Query', frames: 'Frames', json: 'JSON', error: 'Error' };

export function Inspector({ panel, title, data, tab, onTab, onClose }: Props) {
  const styles = useStyles2(getStyles);
  const tabs = (Object.keys(LABELS) as InspectorTab[]).filter((t) => t !== 'error' || data.errors.length > 0);
  return (
    <Drawer
      title={`Inspect: ${title}`}
      size="lg"
      onClose={onClose}
      tabs={
        <TabsBar>
          {tabs.map((t) => (
            <Tab key={t} label={LABELS[t]} active={t === tab} onChangeTab={() => onTab(t)} />
          ))}
        </TabsBar>
      }
    >
      <div data-testid="inspector">
        {tab === 'data' && <Data frames={data.frames} title={title} />}
        {tab === 'query' && <Query data={data} />}
        {tab === 'frames' && <pre className={styles.code}>{JSON.stringify(data.answer?.results ?? {}, null, 2).slice(0, 2_000_000)}</pre>}
        {tab === 'json' && <pre className={styles.code}>{JSON.stringify(panel, null, 2)}</pre>}
        {tab === 'error' && data.errors.map((e, i) => <pre key={i} className={styles.error}>{e}</pre>)}
      </div>
    </Drawer>
  );
}
