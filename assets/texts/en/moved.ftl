# A draft that was begun under another version of the catalogue.
title = The catalogue has a new version: { $old } → { $new }
safe = Nothing that was filled in is lost. What the new form still asks is filled in as it was
not-compared = The earlier version is not on this machine; the guide says what is asked now
old = Filled in under the earlier version
old-more = The new form does not ask these: they are shown, and not sent
kept-to-read = What this draft holds: to be read, not to be sent
withdrawn = Not filed here since { $date }
withdrawn-where = Go to: { $place }
gone = The catalogue does not have this matter any more
gone-more = Please call the town and ask where to go. What was filled in is kept
town-title = The catalogue was updated
town-words = From now on version { $version } is filed by. Drafts move to it when they are opened, and show what changed.
