import { css } from '@emotion/css';

const center = css({
  display: 'flex',
  alignItems: 'center',
  justifyContent: 'center',
  textAlign: 'center',
  width: '100%',
  height: '100%',
  overflow: 'auto',
  overflowWrap: 'anywhere',
  whiteSpace: 'pre-wrap',
});

export function NoData({ children = 'No data' }: { children?: string }) {
  return <div className={center}>{children}</div>;
}
