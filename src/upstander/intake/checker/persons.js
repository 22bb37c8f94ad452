// Which columns of a file refer to whom. As persons.py.

export function refsOf({ contract, supplier }, columns) {
  const first = (names) => names.find((name) => columns.has(name));
  const own = first(contract.person_refs);
  const isNhs = supplier.person_ref_is === "nhs_number";
  const nhsNumber = isNhs ? own : first(["nhs_number"]);
  return { incident: first(contract.incident_refs), nhsNumber, person: isNhs ? undefined : own };
}
