import { scheduleText } from '../../cleanup/schedules.ts'

/** A job that migrates before each rollout, a nightly cleanup, and probes for the application's own pod. */
export const K8S = {
  'deploy/k8s/migrate.yaml': `# kubectl replace --force -f deploy/k8s/migrate.yaml && kubectl wait --for=condition=complete job/migrate --timeout=10m
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  # a killed run leaves nothing half-done, and the next one goes on
  backoffLimit: 3
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example.com/app-database:latest
          args: [migrate, --wait, 60s, --json]
          envFrom:
            - secretRef:
                name: database
`,
  'deploy/k8s/cleanup.yaml': scheduleText('k8s', []),
  'deploy/k8s/probes.yaml': `# for the containers of the application: what they need of the database
startupProbe:
  exec:
    command: [npx, drizzle-ops, status, --check, --quiet]
  periodSeconds: 5
  failureThreshold: 60
  timeoutSeconds: 5
readinessProbe:
  exec:
    command: [npx, drizzle-ops, health, --only, 'connect,role', --quiet]
  periodSeconds: 30
  timeoutSeconds: 5
`,
}
