import type { Employee } from '../../../src/hr/employee.ts';

export function buildEmployee(changes: Partial<Employee> = {}): Employee {
  return {
    ...{ employeeId: 'E1', workMail: 'ada.lind@northwind.example' },
    ...{ firstName: 'Ada', lastName: 'Lind', street: null, zip: null, city: null, country: null },
    ...{ reportsTo: null, title: null, organisation: null, office: null, department: null },
    ...{ workPhone: null, hireDate: null, leaveDate: null },
    ...changes,
  };
}
