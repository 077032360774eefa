import { css } from '@emotion/css';
import { Alert } from '@grafana/ui';

import { Table } from './Table';
import type { PanelProps } from './types';

const NOTICE_HEIGHT = 56;
const notice = css({ height: NOTICE_HEIGHT, overflow: 'hidden' });

/** A kind that the preview can't draw says so, and shows its data as a table. */
export function Unknown(props: PanelProps) {
  const { panel, height } = props;
  return (
    <div data-testid="placeholder">
      <div className={notice}>
        <Alert severity="info" title={`Panels of kind "${panel.type}" are not drawn in the preview: this is the data`} />
      </div>
      <Table {...props} options={{ showHeader: true, cellHeight: 'sm' }} height={height - NOTICE_HEIGHT} />
    </div>
  );
}
