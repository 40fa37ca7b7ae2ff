/** Opens the form that builds a question. */
export const builderButton = { label: 'Build a question', action: 'build-question', id: 'build-question' };
