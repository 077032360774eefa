import { css } from '@emotion/css';
import { renderTextPanelMarkdown, textUtil } from '@grafana/data';
import { useMemo } from 'react';

import type { PanelProps } from './types';

const scroll = css({ height: '100%', overflow: 'auto' });

export function Text({ options, replace }: PanelProps) {
  const html = useMemo(() => {
    const content = replace(options.content ?? '', undefined, options.mode === 'html' ? 'html' : undefined);
    // the markdown renderer sanitises what it makes
    return options.mode === 'html' ? textUtil.sanitizeTextPanelContent(content) : renderTextPanelMarkdown(content);
  }, [options.content, options.mode, replace]);
  if (options.mode === 'code') {
    return <pre className={scroll}>{replace(options.content ?? '')}</pre>;
  }
  return <div className={`markdown-html ${scroll}`} dangerouslySetInnerHTML={{ __html: html }} />;
}
