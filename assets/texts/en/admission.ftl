# The first start of a machine.
title = This machine is not admitted yet
lead = Ask the hall's administrator for an admission code of this service point and type it once. The machine makes its own key, which never leaves it.
hall = Hall address
hall-hint = Begins with https://, given by the hall's administrator
code = Admission code
code-hint = 24 characters in groups of four, upper or lower case, used once
admit = Admit this machine
asking = Asking the hall…
failed = Not admitted; mend it and try again
