import { defineFix } from '../../src/model/fix.ts';
import { resources } from '../../src/model/resources.ts';

const { destinationRules } = resources;

/** The least of a fix: it sets a label of a DestinationRule. */
export const labelFix = defineFix({
  id: 'label-rule',
  title: 'Label the rule',
  does: 'Sets a label.',
  scope: 'object',
  needs: [],
  rights: [{ verbs: ['get', 'patch'], resource: destinationRules, namespace: 'target' }],
  choose: (_, { namespace = '', name = '' }) => ({
    ...{ resource: destinationRules, namespace, name },
    risk: 'low',
    effects: ['It has a label.'],
  }),
  edit: (object) =>
    object === null
      ? { refused: 'It is gone.' }
      : { after: { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, fixed: 'yes' } } } },
  undone: 'The label is taken away.',
  undoWithinMinutes: 60,
  verify: { topic: 'mtls', withinSeconds: 60, judge: () => ({ state: 'done', says: 'It has the label' }) },
});
