import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { FilterInput, Icon, TagList, useStyles2 } from '@grafana/ui';
import { useState } from 'react';

import type { DashboardEntry, Meta } from './contract';

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ maxWidth: 900, margin: '0 auto', padding: theme.spacing(3, 2) }),
  filter: css({ marginBottom: theme.spacing(2) }),
  folder: css({ margin: theme.spacing(3, 0, 1), fontSize: theme.typography.h5.fontSize, display: 'flex', gap: theme.spacing(1), alignItems: 'center' }),
  entry: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(2),
    padding: theme.spacing(1, 2),
    marginBottom: theme.spacing(0.5),
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.primary,
    '&:hover': { background: theme.colors.action.hover },
  }),
  title: css({ flexGrow: 1, overflowWrap: 'anywhere' }),
  count: css({ color: theme.colors.text.secondary, whiteSpace: 'nowrap' }),
});

function matches(entry: DashboardEntry, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const said = [entry.title, entry.folder, ...entry.tags].join(' ').toLowerCase();
  return words.every((word) => said.includes(word));
}

export function DashboardList({ meta }: { meta: Meta }) {
  const styles = useStyles2(getStyles);
  const [text, setText] = useState('');
  const shown = meta.dashboards.filter((d) => matches(d, text));
  const folders = [...new Set(shown.map((d) => d.folder))];
  return (
    <main className={styles.list}>
      <div className={styles.filter}>
        <FilterInput placeholder="Search by title, folder or tag" value={text} onChange={setText} />
      </div>
      {shown.length === 0 && <p>No dashboard found</p>}
      {folders.map((folder) => (
        <section key={folder}>
          <h2 className={styles.folder}>
            <Icon name="folder" /> {folder || 'Dashboards'}
          </h2>
          {shown
            .filter((d) => d.folder === folder)
            .map((d) => (
              <a key={d.uid} href={`/d/${encodeURIComponent(d.uid)}`} className={styles.entry}>
                <Icon name="apps" />
                <span className={styles.title}>{d.title}</span>
                {d.tags.length > 0 && <TagList tags={d.tags} displayMax={4} />}
                <span className={styles.count}>{`${d.panels} ${d.panels === 1 ? 'panel' : 'panels'}`}</span>
              </a>
            ))}
        </section>
      ))}
    </main>
  );
}
