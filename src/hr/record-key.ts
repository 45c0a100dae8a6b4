export const keyOf = (tenantId: string, employeeId: string): string => `${tenantId}/${employeeId}`;
