@export()
@description('What one replica gets, and how many there are. CPU and memory go in pairs of 1 core and 2Gi.')
type RoleSize = {
  @description('Cores, like 0.5.')
  cpu: string

  @description('Like 1Gi.')
  memory: string

  @minValue(0)
  min: int

  @minValue(1)
  max: int
}

@export()
type RoleSizes = {
  receiver: RoleSize
  worker: RoleSize
  scheduler: RoleSize
  api: RoleSize
  provisioner: RoleSize
}

@export()
type ServiceBusSize = {
  sku: 'Standard' | 'Premium'

  @description('Of Premium only.')
  messagingUnits: 1 | 2 | 4 | 8 | 16
}

@export()
type DocumentDbSize = {
  tier: string
  storageGb: int
  highAvailability: 'Disabled' | 'SameZone' | 'ZoneRedundantPreferred'
}

@export()
@description('One environment variable.')
type Setting = {
  name: string
  value: string
}
