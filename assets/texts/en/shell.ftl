# The frame around every screen of the terminal.
side-open = Details
side-close = Fold
saving = Saving…
saved-here = Saved on this machine { $time }
serving = Serving this resident
age = { $years } years
typed-by-hand = Typed by hand, no card was read
card-on-reader = Card on the reader · read { $time }
card-taken = Read from the chip { $time }, card taken away
date = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
} { $day }/{ $month }
today-at = today { $time }
yesterday-at = yesterday { $time }
sex-male = male
sex-female = female

lock = Lock
agent = Agent { $name }
lamp-card = Card reader
lamp-camera = Camera
lamp-printer = Printer
lamp-line = Network
lamp-off = { $device }: none
lamp-trouble = { $device }: { $trouble }
lamp-line-down = { $kind ->
    [asking] Connecting
    [refused] Hall refuses us
    [foreign] Network intercepted
   *[down] Offline
}
clock-title = The clock is wrong
clock-words = This machine and the town differ by about { $amount } { $unit ->
    [minutes] minutes
    [hours] hours
   *[days] days
}. Carry on: time limits count by the town's clock. Please ask the administrator to set the time.
offline-title = { $kind ->
    [asking] Connecting to the hall.
    [refused] The hall does not accept this machine at present.
    [foreign] What answers is not the hall.
   *[down] Offline.
}
offline-words = Carry on: everything is saved on this machine and goes up by itself later.
offline-waiting = { " " }The hall has not received { $count }.
show-queue = Show queue
demo-title = Demonstration:
demo-both = The card is virtual, the camera plays specimen pages.
demo-card = The card is virtual.
demo-camera = The camera plays specimen pages.
demo-insert = Lay card { $persona }
demo-remove = Take card
demo-failed = The specimen card did not move
understood = OK
busy-title = Press again in a moment
busy-words = Earlier entries are still being saved; nothing is lost.
card-failed = The card was not read
result-saved = The result file is on this machine
result-failed = The result file has not come yet
enqueued-title = Saved on this machine
enqueued-words = Waiting to be sent; it will say “received by the hall” here once it is.
correction-over-title = This correction is over
correction-over-words = The hall has moved on; please look where the case stands now.

notice-title = Read this to the resident first
notice-lead = To be told before any card is read or page photographed. Without consent nothing is read or photographed.
notice-who = Who
notice-who-words = This service point takes the papers, { $hall } decides.
notice-why = Why
notice-why-words = For today's matter only and for nothing else.
notice-what = What
notice-what-words = The text of the identity card, what this form asks, pictures of the papers to hand in. No face, no copy of the card unless the matter asks for it.
notice-long = How long
notice-long-words = Encrypted on this machine, wiped within the set time after the case has ended and the hall has it; the hall keeps it by its archive rules.
notice-rights = You may
notice-rights-words = See it, correct it, ask for its deletion, or stop. Questions { $phone }, supervision { $supervision }.
notice-free = Cost
notice-free-words = Free of charge. Never tell anybody a password or a code.
notice-version = Notice { $version }, recorded with this filing
notice-agree = Told, and the resident agrees
notice-refuse = The resident does not agree

other-card-title = Another person's card is on the reader
other-card-words = This filing is for the person before, and is saved as a draft. Make sure that the card was not laid down by mistake.
other-card-keep = Wrong card, go on
other-card-use = Serve the person of this card

quit-title = Leave the program?
quit-words = What was begun is saved here and will be there next time. Nothing is sent while the program is closed.
quit-stay = Stay
quit-leave = Leave
