import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';

import { Table } from './Table';
import type { PanelProps } from './types';

const NOTICE_HEIGHT = 32;

const getStyles = (theme: GrafanaTheme2) => ({
  notice: css({
    height: NOTICE_HEIGHT,
    lineHeight: `${NOTICE_HEIGHT}px`,
    overflow: 'hidden',
    whiteSpace: 'nowrap',
    textOverflow: 'ellipsis',
    color: theme.colors.info.text,
  }),
});

/** A kind that the preview can't draw says so, and shows its data as a table. */
export function Unknown(props: PanelProps) {
  const styles = useStyles2(getStyles);
  const { panel, height } = props;
  const text = `Panels of kind "${panel.type}" are not drawn in the preview: this is the data`;
  return (
    <div data-testid="placeholder">
      <div className={styles.notice} title={text}>
        <Icon name="info-circle" /> {text}
      </div>
      <Table {...props} options={{ showHeader: true, cellHeight: 'sm' }} height={height - NOTICE_HEIGHT} />
    </div>
  );
}
