metadata description = 'One role of the program as a container app.'

import { RoleSize, Setting } from 'types.bicep'

param name string
param location string
param environmentId string
param image string

@allowed(['receiver', 'worker', 'scheduler', 'api', 'provisioner'])
param role string

param size RoleSize

@allowed(['none', 'internal', 'external'])
param ingress string

@description('Path that says whether a replica gets requests.')
param readinessPath string = '/readyz'

@description('Resource id of the identity that the program signs in with.')
param identityId string

@description('Login server of a private registry, else empty.')
param registryServer string

@description('Address of the secret with the connection string of MongoDB.')
param mongodbSecretUri string

@description('Address of the secret that opens /status and /metrics; empty: nobody gets in.')
param adminTokenSecretUri string = ''

@description('Settings besides MONGODB_URI, ADMIN_TOKEN, PORT and SHUTDOWN_TIMEOUT_SECONDS.')
param settings Setting[]

@description('Rules by which replicas are added and removed.')
param scaleRules array = []

@description('Identities that only scale rules use.')
param scalerIdentityIds string[] = []

var port = 8080
var shutdownSeconds = 50
var gracePeriodSeconds = 60
var opensToAdmins = !empty(adminTokenSecretUri)

resource app 'Microsoft.App/containerApps@2025-07-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: toObject(concat([identityId], scalerIdentityIds), id => id, id => {})
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 5
      ingress: ingress == 'none'
        ? null
        : {
            external: ingress == 'external'
            targetPort: port
            transport: 'http'
            allowInsecure: false
          }
      registries: empty(registryServer) ? [] : [{ server: registryServer, identity: identityId }]
      secrets: concat(
        [{ name: 'mongodb-uri', keyVaultUrl: mongodbSecretUri, identity: identityId }],
        opensToAdmins ? [{ name: 'admin-token', keyVaultUrl: adminTokenSecretUri, identity: identityId }] : []
      )
      identitySettings: map(scalerIdentityIds, id => { identity: id, lifecycle: 'None' })
    }
    template: {
      terminationGracePeriodSeconds: gracePeriodSeconds
      containers: [
        {
          name: role
          image: image
          args: ['start', role]
          resources: {
            cpu: json(size.cpu)
            memory: size.memory
          }
          env: concat(
            settings,
            [
              { name: 'PORT', value: string(port) }
              { name: 'SHUTDOWN_TIMEOUT_SECONDS', value: string(shutdownSeconds) }
              { name: 'MONGODB_URI', secretRef: 'mongodb-uri' }
            ],
            opensToAdmins ? [{ name: 'ADMIN_TOKEN', secretRef: 'admin-token' }] : []
          )
          probes: [
            {
              type: 'Startup'
              httpGet: { path: '/readyz', port: port }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: { path: '/healthz', port: port }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 6
            }
            {
              type: 'Readiness'
              httpGet: { path: readinessPath, port: port }
              periodSeconds: 5
              timeoutSeconds: 5
              failureThreshold: 3
            }
          ]
        }
      ]
      scale: {
        minReplicas: size.min
        maxReplicas: size.max
        rules: scaleRules
      }
    }
  }
}
