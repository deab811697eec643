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
