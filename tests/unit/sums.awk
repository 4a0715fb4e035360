# SPDX-License-Identifier: Apache-2.0
# What a cmocka program said, as counts: passed, failed, skipped, and whether it came to its end. Lines on why a
# test was skipped go before: the last thing the test itself said.
/^\[==========\] (.*: )?Running / { running = 1; ended = 0; next }
/^\[==========\] .* run\.$/      { running = 0; ended = 1; next }
!running                         { next }
/^\[ RUN      \] /               { said = ""; next }
/^\[       OK \] /               { passed++; next }
/^\[  FAILED  \] /               { failed++; next }
/^\[  SKIPPED \] /               { skipped++; print "skip " name " " $4 ": " (said ? said : "it does not say why"); next }
!/^\[/                           { said = $0 }
END                              { print passed + 0, failed + 0, skipped + 0, ended + 0 }
