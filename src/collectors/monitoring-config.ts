import { isMap, isScalar, parseAllDocuments, type YAMLMap } from 'yaml';
import type { MonitoringConfig } from '../model/monitoring.ts';
import { nearest } from '../model/nearest.ts';
import type { KubeObject } from '../model/sources.ts';
import { at, text, textMap } from './fields.ts';

type ReadText = Omit<MonitoringConfig, 'isHives' | 'skipsValidation'>;

const theSwitch = 'enableUserWorkload';

/**
 * What decides about user-workload monitoring in the ConfigMap; its text stays where it is.
 *
 * @see cluster-monitoring-operator pkg/manifests/config.go: NewConfigFromString
 */
export function readMonitoringConfig(configMap: KubeObject): MonitoringConfig {
  const labels = textMap(at(configMap, 'metadata', 'labels'));
  return {
    ...readText(text(at(configMap, 'data', 'config.yaml'))),
    isHives: labels['hive.openshift.io/managed'] === 'true',
    skipsValidation: labels['monitoringconfigmaps.openshift.io/skip-validate-webhook'] === 'true',
  };
}

function readText(config: string | undefined): ReadText {
  const nothing = { hasDuplicates: false, similarKeys: [] };
  if (config === undefined) return { text: 'no-key', ...nothing };
  const documents = Array.from(parseAllDocuments(config));
  if (documents.length > 1) {
    return { text: 'broken', problem: `It holds ${documents.length} YAML documents instead of one.`, ...nothing };
  }
  const { errors, contents } = documents[0] ?? { errors: [], contents: null };
  const hasDuplicates = errors.some(({ code }) => code === 'DUPLICATE_KEY');
  const error = errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  // The parser's message quotes the text.
  const line = error?.linePos?.[0].line;
  if (error !== undefined) {
    return { text: 'broken', problem: `It is not valid YAML in line ${line ?? '?'} (${error.code}).`, ...nothing };
  }
  if (isMap(contents)) return { text: 'readable', hasDuplicates, ...switchOf(contents) };
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  if (isEmpty) return { text: 'readable', ...nothing };
  return { text: 'broken', problem: 'It is no mapping of settings.', ...nothing };
}

function switchOf(settings: YAMLMap): Pick<MonitoringConfig, 'enableUserWorkload' | 'similarKeys'> {
  const keys = settings.items.map(({ key }) => String(isScalar(key) ? key.value : key));
  // There is a setting `userWorkload` as well.
  const isSlip = (key: string) => key !== theSwitch && Math.abs(key.length - theSwitch.length) <= 3;
  const similarKeys = nearest(theSwitch, keys).filter(isSlip);
  const value = settings.get(theSwitch);
  if (value === undefined || value === null) return { similarKeys };
  return { similarKeys, enableUserWorkload: typeof value === 'boolean' ? value : 'invalid' };
}
