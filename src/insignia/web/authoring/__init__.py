"""Pages of badge authors: their badges, the editor in four screens, versions.

paths      a field's address (`outcomes[0].statement.en`): read, set, order rows
posted     what a screen sent, as content JSON
sheet      what a screen shows: fields with values, errors and live checks
conflict   what two authors wrote at once, field by field
draft      one lineage as its author may see it
words      sentences of gaps, findings and refusals, in the reader's language
"""
