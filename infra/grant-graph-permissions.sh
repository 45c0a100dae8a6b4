#!/usr/bin/env bash
# Grants the managed identity what it needs of Microsoft Graph, and nothing else; there is no
# secret. Run it once after a deployment, signed in (az login) as Privileged Role Administrator or
# Global Administrator of the tenant: an Azure Owner may not. Repeating it is
# harmless, and needed where Entra does not know a new identity yet.
#
#   infra/grant-graph-permissions.sh PRINCIPAL_ID [--leave-dates]
#
# PRINCIPAL_ID is the output identityPrincipalId of the deployment. --leave-dates is for those who
# mirror employeeLeaveDateTime. A token that was issued before knows nothing of a new permission;
# it may take up to a day until the last of them has expired.
set -euo pipefail

graph_app_id=00000003-0000-0000-c000-000000000000
graph=${GRAPH_URL:-https://graph.microsoft.com}/v1.0

permissions=(
  'User.Read.All df021288-bdef-4463-88db-98f22de89214'
  'Group.Read.All 5b567255-7703-4780-807c-7be8301ae99b'
)

principal=${1:?"usage: $0 PRINCIPAL_ID [--leave-dates]"}
if [ "${2:-}" = --leave-dates ]; then
  permissions+=('User-LifeCycleInfo.Read.All 8556a004-db57-4d7a-8b82-97a13428e96f')
fi

resource=$(az ad sp show --id "$graph_app_id" --query id --output tsv)
url=$graph/servicePrincipals/$principal/appRoleAssignments
granted=$(az rest --method GET --url "$url" --query 'value[].appRoleId' --output tsv)

for permission in "${permissions[@]}"; do
  read -r name id <<<"$permission"
  if grep --quiet --fixed-strings "$id" <<<"$granted"; then
    echo "$name: was granted before"
    continue
  fi
  az rest --method POST --url "$url" --headers Content-Type=application/json --output none \
    --body "{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$id\"}"
  echo "$name: granted"
done
