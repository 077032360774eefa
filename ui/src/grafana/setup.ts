/** What Grafana's core registers at start and its packages leave to the application. */
import {
  availableIconsIndex,
  booleanOverrideProcessor,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  type FieldConfigPropertyItem,
  FieldColorModeId,
  FieldType,
  identityOverrideProcessor,
  locationUtil,
  numberOverrideProcessor,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformersRegistry,
  stringOverrideProcessor,
  ThresholdsMode,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';
import { cacheStore } from 'react-inlinesvg';
import icons from 'virtual:icons';

import { allTransformers } from './transformers';

const noEditor = () => null;

function item(id: string, process: unknown, rest: Partial<FieldConfigPropertyItem> = {}): FieldConfigPropertyItem {
  return {
    id,
    path: id,
    name: id,
    process: process as FieldConfigPropertyItem['process'],
    shouldApply: () => true,
    editor: noEditor,
    override: noEditor,
    ...rest,
  } as FieldConfigPropertyItem;
}

const isNumber: FieldConfigPropertyItem['shouldApply'] = (field) => field.type === FieldType.number;

/** The defaults are those that a new panel has: colour by thresholds, of which green is the base and red begins at 80. */
const STANDARD_ITEMS = [
  item('displayName', displayNameOverrideProcessor),
  item('unit', unitOverrideProcessor),
  item('min', numberOverrideProcessor, { shouldApply: isNumber }),
  item('max', numberOverrideProcessor, { shouldApply: isNumber }),
  item('fieldMinMax', booleanOverrideProcessor, { shouldApply: isNumber }),
  item('decimals', numberOverrideProcessor, { shouldApply: isNumber }),
  item('noValue', stringOverrideProcessor),
  item('description', stringOverrideProcessor),
  item('color', identityOverrideProcessor, { defaultValue: { mode: FieldColorModeId.Thresholds } }),
  item('thresholds', thresholdsOverrideProcessor, {
    defaultValue: {
      mode: ThresholdsMode.Absolute,
      steps: [
        { value: -Infinity, color: 'green' },
        { value: 80, color: 'red' },
      ],
    },
  }),
  item('mappings', valueMappingsOverrideProcessor, { defaultValue: [] }),
  item('links', dataLinksOverrideProcessor),
  item('actions', identityOverrideProcessor),
  item('filterable', booleanOverrideProcessor),
];

const ROOT = 'public/build/img/icons/';
const NO_ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"></svg>';

/** Icons are part of the script. Nothing is asked of a server for those that the package lacks. */
function setUpIcons(): void {
  const put = (path: string, content: string) => cacheStore.set(`${ROOT}${path}`, { content, status: 'loaded' });
  for (const name of Object.keys(availableIconsIndex)) {
    put(`unicons/${name}.svg`, NO_ICON);
  }
  for (const [path, content] of Object.entries(icons)) {
    put(path, content);
  }
  const mirrored = '$1<g transform="matrix(-1 0 0 1 24 0)">';
  const right = icons['unicons/angle-double-right.svg'];
  put('unicons/angle-double-left.svg', right.replace(/(<svg[^>]*>)/, mirrored).replace('</svg>', '</g></svg>'));
}

export function setUp(): void {
  setUpIcons();
  standardEditorsRegistry.setInit(() => []);
  standardFieldConfigEditorRegistry.setInit(() => STANDARD_ITEMS);
  standardTransformersRegistry.setInit(() =>
    allTransformers().map((t) => ({
      id: t.id,
      aliasIds: t.aliasIds,
      name: t.name,
      transformation: () => Promise.resolve(t),
      editor: noEditor,
      imageDark: '',
      imageLight: '',
    }))
  );
  locationUtil.initialize({
    config: { appSubUrl: '' } as Parameters<typeof locationUtil.initialize>[0]['config'],
    getVariablesUrlParams: () => ({}),
    getTimeRangeForUrl: () => ({ from: '', to: '' }),
  });
}
