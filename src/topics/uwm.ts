import { userWorkloadMonitoring } from '../checks/user-workload-monitoring.ts';
import { defineTopic } from '../model/topic.ts';

export const uwm = defineTopic({
  id: 'uwm',
  title: 'User-workload monitoring',
  question: "Is OpenShift's monitoring of user projects on, and does it serve?",
  scope: 'cluster',
  checks: [userWorkloadMonitoring],
  allWell: () => 'User-workload monitoring is on and serves',
  cannotTell: () => 'I cannot tell whether user-workload monitoring serves',
  needs: [],
  facts: () => ({}),
});
